import { describe, expect, test } from '@jest/globals';
import { PartitionFollower } from '../../src/kafka/partition-follower.ts';

const append = (follower: PartitionFollower, count: number): void => {
  for (let i = 0; i < count; i++) follower.appended();
};

describe('the end of what was appended up to a point', () => {
  test('is known when all of it is acknowledged, also in the middle of a batch', () => {
    const follower = new PartitionFollower(100, true);
    append(follower, 3);
    follower.seal();
    expect(follower.sealedEnd).toBeUndefined();
    append(follower, 2);
    follower.acknowledged(100, 5);
    expect(follower.sealedEnd).toBe(103);
    follower.seal();
    expect(follower.sealedEnd).toBe(105);
  });

  test('is where it was while nothing is appended', () => {
    const follower = new PartitionFollower(7, true);
    follower.seal();
    expect([follower.sealedEnd, follower.hasWritten]).toEqual([7, false]);
  });

  test('a record that somebody else wrote in between is not told as contained: it is unknown from then on', () => {
    const follower = new PartitionFollower(0, true);
    append(follower, 2);
    follower.acknowledged(0, 1);
    follower.acknowledged(2, 1);
    follower.seal();
    expect(follower.sealedEnd).toBeUndefined();
  });

  test('an acknowledgement without an offset makes it unknown', () => {
    const follower = new PartitionFollower(0, true);
    append(follower, 1);
    follower.acknowledged(-1, 1);
    follower.seal();
    expect(follower.sealedEnd).toBeUndefined();
  });

  test('under transactions the markers between batches are not somebody else’s records', () => {
    const follower = new PartitionFollower(0, false);
    append(follower, 1);
    follower.seal();
    follower.acknowledged(0, 1);
    expect(follower.sealedEnd).toBe(1);
    append(follower, 1);
    follower.seal();
    follower.acknowledged(2, 1);
    expect(follower.sealedEnd).toBe(3);
  });
});
