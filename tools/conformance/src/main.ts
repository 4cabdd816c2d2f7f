import { checkFiles } from './check-files.ts';

const USAGE = 'usage: npm run -s conformance -- FILE…   golden files, .gz too';
const files = process.argv.slice(2);
try {
  if (files.length === 0) throw new Error(USAGE);
  if (files.includes('--help')) console.log(USAGE);
  else process.exitCode = checkFiles(files, (line) => console.log(line)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
