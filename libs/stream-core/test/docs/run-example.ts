import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

/** Runs an example, which is a module that prints, and gives what it printed. */
export async function runExample(path: string): Promise<string> {
  const { log } = console;
  let printed = '';
  console.log = (...values: unknown[]) => {
    printed += `${format(...values)}\n`;
  };
  try {
    await import(pathToFileURL(path).href);
  } finally {
    console.log = log;
  }
  return printed;
}
