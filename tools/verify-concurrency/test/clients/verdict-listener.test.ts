import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { VerdictListener } from '../../src/clients/verdict-listener.ts';
import { account } from '../checks/seen.ts';

const GATEWAYS = 2;
let servers: readonly Server[];
let asked: (gateway: number) => void;

beforeEach(async () => {
  servers = Array.from({ length: GATEWAYS }, (_, gateway) =>
    createServer((_request, response) => {
      asked(gateway);
      response.end();
    }),
  );
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))));
});

afterEach(async () => {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
});

test('accounts with names of the same length were all listened to at the same gateway first', async () => {
  const urls = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const firstOf = async (firstGateway: number): Promise<number> => {
    const listener = new VerdictListener({ urls, token: 't', account: account(1, []), firstGateway });
    const first = new Promise<number>((resolve) => (asked = resolve));
    const running = listener.run();
    try {
      return await first;
    } finally {
      listener.end();
      await running;
    }
  };
  expect([await firstOf(0), await firstOf(1)]).toEqual([0, 1]);
});
