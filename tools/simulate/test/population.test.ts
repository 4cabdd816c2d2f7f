import { describe, expect, it } from '@jest/globals';
import { pickTitle, TITLES } from '../src/catalogue.ts';
import { createPopulation } from '../src/population.ts';
import { createRandom } from '../src/random.ts';

const DEFAULT_LIMIT = 2;

describe('the population', () => {
  const population = createPopulation(1000, createRandom('people'));

  it('has as many viewers as asked for, each with a device of its own', () => {
    expect(population.seats).toHaveLength(1000);
    expect(new Set(population.seats.map(({ account, device }) => `${account}/${device}`)).size).toBe(1000);
  });

  it('has accounts with more viewers than streams, so that starts are refused', () => {
    const limits = new Map(population.plans.map(({ account, maxStreams }) => [account, maxStreams]));
    const viewers = Map.groupBy(population.seats, ({ account }) => account);
    const crowded = [...viewers].filter(([account, seats]) => seats.length > (limits.get(account) ?? DEFAULT_LIMIT));
    expect(crowded.length).toBeGreaterThan(20);
    expect(crowded.length).toBeLessThan(viewers.size / 4);
  });

  it('is the same for the same seed', () => {
    expect(createPopulation(1000, createRandom('people'))).toEqual(population);
    expect(createPopulation(1000, createRandom('others'))).not.toEqual(population);
  });
});

describe('random numbers', () => {
  it('are spread evenly and stay in their range', () => {
    const random = createRandom('even');
    const counts = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 100_000; i++) {
      const value = random.int(0, 9);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('wait as long as they should on average', () => {
    const random = createRandom('wait');
    const waits = Array.from({ length: 100_000 }, () => random.wait(1000));
    expect(Math.abs(waits.reduce((sum, wait) => sum + wait, 0) / waits.length - 1000)).toBeLessThan(20);
    expect(Math.max(...waits)).toBeLessThanOrEqual(10_000);
  });

  it('pick the first titles most often, and every title sometimes', () => {
    const random = createRandom('titles');
    const counts = new Map<string, number>();
    for (let i = 0; i < 20_000; i++) {
      const { contentId } = pickTitle(random);
      counts.set(contentId, (counts.get(contentId) ?? 0) + 1);
    }
    expect(counts.size).toBe(TITLES.length);
    expect(counts.get(TITLES[0]!.contentId)!).toBeGreaterThan(counts.get(TITLES.at(-1)!.contentId)! * 5);
  });
});
