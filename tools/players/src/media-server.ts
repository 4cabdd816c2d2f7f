import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CMCD_KEYS } from '@svta/cml-cmcd';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.ts': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mpd': 'application/dash+xml',
  '.m3u8': 'application/vnd.apple.mpegurl',
  '.mp4': 'video/mp4',
  '.m4s': 'video/iso.segment',
};

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

/** The hooks on the players' reporters, which the page imports as they are. */
const HOOKS = join(dirname(require.resolve('@playhead/playhead-client')), 'cmcd');

const PLAYERS: Readonly<Record<string, string>> = {
  '/players/dash.js': require.resolve('dashjs'),
  '/players/hls.js': require.resolve('hls.js/dist/hls.min.js'),
};

function fileOf(path: string): string {
  const player = PLAYERS[path];
  if (player !== undefined) return player;
  const inside = normalize(path).replaceAll('..', '');
  if (inside.startsWith('/client/')) return join(HOOKS, inside.slice('/client/'.length));
  return inside.startsWith('/clip/') ? join(packageFolder, 'fixtures', inside) : join(packageFolder, 'page', inside);
}

async function contentOf(path: string): Promise<string | Buffer> {
  const content = await readFile(fileOf(path));
  return extname(path) === '.ts' ? stripTypeScriptTypes(content.toString()) : content;
}

/** A media server on a port of its own: the page, the stock players, the hooks and the clip. `requests` lists the paths asked for. */
export interface MediaServer {
  readonly origin: string;
  readonly requests: string[];
  close(): Promise<void>;
}

export async function startMediaServer(): Promise<MediaServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    requests.push(request.url ?? '/');
    if (pathname === '/cmcd-keys.json') {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(CMCD_KEYS));
      return;
    }
    contentOf(pathname).then(
      (content) =>
        response.setHeader('content-type', MEDIA_TYPES[extname(pathname)] ?? 'application/octet-stream').end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
