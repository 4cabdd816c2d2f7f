import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { freePorts, isFree } from '../src/free-ports.ts';

const asksFor = (count: number): string =>
  `import { freePorts } from ${JSON.stringify(new URL('../src/free-ports.ts', import.meta.url).href)};
   console.log(JSON.stringify(await freePorts(${count})));`;

describe('freePorts', () => {
  it('gives no port that another process got and on which it does not listen yet', async () => {
    const ours = await freePorts(300);
    const theirs: unknown = JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '--eval', asksFor(300)], {
        encoding: 'utf8',
      }),
    );
    expect(theirs).toHaveLength(300);
    expect((theirs as readonly number[]).filter((port) => ours.includes(port))).toEqual([]);
  });

  it('left a socket open for every port that was claimed already', () => {
    // So many of so few that some are met twice. What is closed is gone at the end of a turn of the loop.
    const script = `${asksFor(600)}
      for (let turns = 0; turns < 2; turns++) await new Promise(setImmediate);
      console.log(process.getActiveResourcesInfo().join());`;
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
    expect(output).not.toContain('UDPWrap');
  });

  it('calls a port free on which nobody listens, and no other', async () => {
    const [port = 0] = await freePorts(1);
    expect(await isFree(port)).toBe(true);
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    expect(await isFree(port)).toBe(false);
    server.close();
    await once(server, 'close');
  });
});
