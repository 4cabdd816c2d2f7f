import { readFileSync } from 'node:fs';

/**
 * Loaded before a gateway (`node --import`): puts its clock off by as many milliseconds as the file says, to and fro while
 * it runs. The services take the time from `Date.now`; what they measure spans by (`performance.now`) goes on.
 */
const READ_EVERY_MS = 20;

const file = process.env['VERIFY_CLOCK_FILE'];
if (file !== undefined) {
  const trueNow = Date.now;
  let offsetMs = 0;
  const read = (): void => {
    try {
      offsetMs = Number(readFileSync(file, 'utf8')) || 0;
    } catch {
      // There is none as long as the clock is right.
      offsetMs = 0;
    }
  };
  read();
  setInterval(read, READ_EVERY_MS).unref();
  Date.now = () => trueNow() + offsetMs;
}
