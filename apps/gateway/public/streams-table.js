// The table of an account's streams: rows are kept and changed in place, so that a focused button stays focused.

const rows = new Map();
const body = document.getElementById('streams');
const empty = document.getElementById('streams-empty');

/** Shows the streams; `onStop` is called with the session whose button was pressed. */
export function showStreams(streams, now, onStop) {
  const seen = new Set();
  for (const stream of streams) {
    seen.add(stream.sessionId);
    let row = rows.get(stream.sessionId);
    if (row === undefined) {
      row = createRow(stream, onStop);
      rows.set(stream.sessionId, row);
      body.append(row.line);
    }
    row.update(stream, now);
  }
  for (const [session, row] of rows) {
    if (seen.has(session)) continue;
    row.line.remove();
    rows.delete(session);
  }
  empty.hidden = streams.length > 0;
  empty.textContent = 'No stream is live on this account.';
}

/** Says why there is nothing to show. */
export function showStreamsProblem(text) {
  for (const { line } of rows.values()) line.remove();
  rows.clear();
  empty.hidden = false;
  empty.textContent = text;
}

function createRow(stream, onStop) {
  const line = document.createElement('tr');
  const device = cell(line, 'name');
  const content = cell(line, 'name');
  const verdict = cell(line, 'verdict');
  const beats = cell(line, 'number');
  const seen = cell(line, 'number');
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'secondary';
  button.textContent = 'Stop';
  button.setAttribute('aria-label', `Stop the stream on ${stream.device}`);
  button.addEventListener('click', () => {
    button.disabled = true;
    onStop(stream.sessionId).finally(() => {
      button.disabled = false;
    });
  });
  cell(line).append(button);
  return {
    line,
    update(current, now) {
      set(device, current.device);
      set(content, current.content);
      device.title = current.device;
      content.title = current.content;
      set(verdict, current.verdict);
      verdict.dataset.verdict = current.verdict;
      set(beats, String(current.beats));
      set(seen, `${Math.max(0, Math.round((now - current.lastSeenAt) / 1000))} s ago`);
    },
  };
}

function cell(line, className = '') {
  const made = document.createElement('td');
  made.className = className;
  line.append(made);
  return made;
}

function set(target, text) {
  if (target.textContent !== text) target.textContent = text;
}
