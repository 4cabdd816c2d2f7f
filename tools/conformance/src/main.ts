import { checkFiles } from './check-files.ts';

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: npm run -s conformance -- FILE…   golden files of either format, .gz too');
  process.exitCode = 2;
} else {
  const isSame = checkFiles(files, (line) => console.log(line));
  process.exitCode = isSame ? 0 : 1;
}
