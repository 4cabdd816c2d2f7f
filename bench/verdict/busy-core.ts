/** Keeps the core it runs on from halting until its parent is gone. Whoever starts it gives it the lowest priority, so that it gives way to all others at once. */
const COUNTED_PER_TURN = 10_000_000;

process.on('disconnect', () => process.exit());

function spin(): void {
  // The bench has gone while this was loaded.
  if (!process.connected) process.exit();
  for (let i = 0; i < COUNTED_PER_TURN; i++);
  setImmediate(spin);
}
spin();
