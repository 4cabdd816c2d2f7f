import { describe, expect, test } from '@jest/globals';
import { Acknowledgements, MAX_WAITING_FOR_ACKNOWLEDGEMENT } from '../../../src/runtime/query/acknowledgements.ts';

/** A producer whose answers the test gives. */
class FakeProducer {
  position = 0;
  acknowledged = 0;
  error: Error | undefined;
  hurried = 0;

  hurry(): void {
    this.hurried++;
  }
}

async function isSettled(promise: Promise<void>): Promise<boolean> {
  const pending = Symbol('pending');
  const winner = await Promise.race([
    promise.then(
      () => 'done',
      () => 'failed',
    ),
    Promise.resolve(pending),
  ]);
  return winner !== pending;
}

describe('waiting for acknowledgements', () => {
  test('is over when everything that was appended by then is acknowledged, not before', async () => {
    const producer = new FakeProducer();
    const acknowledgements = new Acknowledgements(producer);
    producer.position = 10;
    const first = acknowledgements.upToNow();
    expect(producer.hurried).toBe(1);
    producer.position = 20;
    const second = acknowledgements.upToNow();
    producer.acknowledged = 9;
    acknowledgements.onProgress();
    expect(await isSettled(first)).toBe(false);
    producer.acknowledged = 12;
    acknowledgements.onProgress();
    await first;
    expect(await isSettled(second)).toBe(false);
    producer.acknowledged = 20;
    acknowledgements.onProgress();
    await second;
  });

  test('is over at once when nothing is on its way', async () => {
    const producer = new FakeProducer();
    producer.position = 5;
    producer.acknowledged = 5;
    await expect(new Acknowledgements(producer).upToNow()).resolves.toBeUndefined();
    expect(producer.hurried).toBe(0);
  });

  test('fails for everyone when the producer has failed', async () => {
    const producer = new FakeProducer();
    const acknowledgements = new Acknowledgements(producer);
    producer.position = 1;
    const waiting = acknowledgements.upToNow();
    producer.error = new Error('message too large');
    producer.acknowledged = 1;
    acknowledgements.onProgress();
    await expect(waiting).rejects.toThrow('message too large');
    await expect(acknowledgements.upToNow()).rejects.toThrow('message too large');
  });

  test('lets only so many wait', async () => {
    const producer = new FakeProducer();
    const acknowledgements = new Acknowledgements(producer);
    producer.position = 1;
    const waiting = Array.from({ length: MAX_WAITING_FOR_ACKNOWLEDGEMENT }, () => acknowledgements.upToNow());
    await expect(acknowledgements.upToNow()).rejects.toMatchObject({ reason: 'NOT_AVAILABLE' });
    producer.acknowledged = 1;
    acknowledgements.onProgress();
    await Promise.all(waiting);
    await expect(acknowledgements.upToNow()).resolves.toBeUndefined();
  });

  test('fails for everyone when the application ends', async () => {
    const producer = new FakeProducer();
    const acknowledgements = new Acknowledgements(producer);
    producer.position = 1;
    const waiting = acknowledgements.upToNow();
    acknowledgements.rejectAll(new Error('ending'));
    await expect(waiting).rejects.toThrow('ending');
  });
});
