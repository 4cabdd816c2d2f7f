import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway } from '../testing/gateway-harness.ts';
import type { TestGateway } from '../testing/gateway-harness.ts';

describe('the pages', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  it.each([
    ['/', 'text/html', 'Playhead'],
    ['/docs/', 'text/html', 'swagger-ui'],
    ['/docs/assets/swagger-ui-bundle.js', 'text/javascript', 'SwaggerUIBundle'],
    ['/docs/assets/swagger-ui.css', 'text/css', '.swagger-ui'],
  ])('serves %s itself', async (path, type, text) => {
    const answer = await gateway.request('GET', path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain(type);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(answer.body).toContain(text);
  });

  it.each(['/', '/docs/'])(
    'refers on %s to nothing elsewhere, and everything that it refers to is there',
    async (page) => {
      const { body } = await gateway.request('GET', page);
      const targets = [...(body as string).matchAll(/(?:src|href)="([^"#]+)"/g)].map((match) => match[1] ?? '');
      expect(targets.length).toBeGreaterThan(1);
      for (const target of targets.filter((address) => !address.startsWith('data:'))) {
        const url = new URL(target, `${gateway.origin}${page}`);
        expect(url.origin).toBe(gateway.origin);
        expect((await gateway.request('GET', url.pathname)).status).toBeLessThan(400);
      }
    },
  );

  it('sends /docs to /docs/', async () => {
    const answer = await gateway.request('GET', '/docs');
    expect(answer.status).toBe(301);
    expect(answer.headers.get('location')).toBe('/docs/');
  });

  it('does not serve files outside of its folders', async () => {
    for (const path of ['/..%2fpackage.json', '/docs/assets/..%2f..%2fpackage.json', '/.git/config']) {
      expect((await gateway.request('GET', path)).status).toBeGreaterThanOrEqual(400);
    }
  });
});
