/** Starts a process under a guardian and stops it, then says its id: `node guarded-parent.ts DIRECTORY`. */
import { spawn } from 'node:child_process';
import { Guardian } from '../src/guardian.ts';

const guardian = new Guardian();
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
guardian.tell({ watch: child.pid ?? 0 });
guardian.tell({ removeDirectory: process.argv[2] ?? '' });
child.kill('SIGSTOP');
process.stdout.write(`${child.pid}\n`);
