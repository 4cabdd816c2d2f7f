import { describe, expect, it, jest } from '@jest/globals';
import { globalTable } from '@playhead/service-kit';
import { serdes } from '@playhead/stream-core';
import type { ProcessorContext } from '@playhead/stream-core';

describe('globalTable', () => {
  it('took a record without a place for the first of its partition', () => {
    const apply = jest.fn();
    const topic = { name: 'tenant-settings', key: serdes.string, value: serdes.string };
    const reader = globalTable('settings', topic as never, apply).supplier();
    const context = { recordMetadata: undefined as object | undefined };
    reader.init?.(context as unknown as ProcessorContext<never, never>);
    const record = { key: 'k', value: 'v', timestamp: 1, headers: [] } as never;
    expect(() => reader.process(record)).toThrow('global table settings (tenant-settings)');
    expect(apply).not.toHaveBeenCalled();
    context.recordMetadata = { topic: topic.name, partition: 0, offset: 7 };
    reader.process(record);
    expect(apply).toHaveBeenCalledWith('k', 'v', expect.objectContaining({ partition: 0, offset: 7 }));
  });
});
