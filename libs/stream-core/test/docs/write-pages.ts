/**
 * Writes into each page what follows from elsewhere: its example (from `examples/`), what that prints when it runs, the signatures of its methods and the types of callbacks.
 * Run it after a change of any of these: `node libs/stream-core/test/docs/write-pages.ts`; `docs.test.ts` fails while a page is behind.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CALLBACKS, DOCS, EXAMPLE, OUTPUT, SIGNATURES, blockOf, readPages, withBlock } from './pages.ts';
import { runExample } from './run-example.ts';
import { readCallbacks, readSignatures, signaturesFor } from './signatures.ts';

const signatures = readSignatures();

for (const page of readPages()) {
  let { text } = page;
  if (existsSync(page.examplePath)) {
    text = withBlock({ ...page, text }, EXAMPLE, readFileSync(page.examplePath, 'utf8'));
    text = withBlock({ ...page, text }, OUTPUT, await runExample(page.examplePath));
  }
  const block = blockOf(text, SIGNATURES);
  if (block !== undefined) text = withBlock({ ...page, text }, SIGNATURES, signaturesFor(block, signatures));
  if (blockOf(text, CALLBACKS) !== undefined) text = withBlock({ ...page, text }, CALLBACKS, readCallbacks());
  if (text !== page.text) writeFileSync(join(DOCS, page.path), text);
}
