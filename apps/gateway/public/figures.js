// The figures of /v1/overview.

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
const WIDTH = 240;
const HEIGHT = 40;

const element = (id) => document.getElementById(id);

/** Shows an overview. */
export function showFigures(overview) {
  element('tenant').textContent = `tenant ${overview.tenant}`;
  element('beats').textContent = decimal(overview.beatsPerSecond);
  element('live').textContent = whole(overview.liveStreams);
  element('blocked').textContent = whole(overview.blockedStreams);
  element('refused').textContent = whole(overview.refusedStarts);
  element('data-size').textContent =
    overview.dataDirectoryBytes === null ? 'not here' : size(overview.dataDirectoryBytes);
  element('figures').setAttribute('aria-busy', 'false');
  drawSpark(overview.history);
  linkAdmin('metrics-link', overview.adminPort, '/metrics');
  linkAdmin('health-link', overview.adminPort, '/health/ready');
}

function drawSpark(history) {
  const most = Math.max(1, ...history);
  const points = history.map((beats, at) => {
    const x = (at / (history.length - 1)) * WIDTH;
    const y = HEIGHT - 2 - (beats / most) * (HEIGHT - 4);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  const line = `M${points.join('L')}`;
  element('spark-line').setAttribute('d', line);
  element('spark-area').setAttribute('d', `${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`);
}

function linkAdmin(id, port, path) {
  const link = element(id);
  link.href = `${location.protocol}//${location.hostname}:${port}${path}`;
  link.hidden = port === 0;
}

function whole(count) {
  return count.toLocaleString('en');
}

function decimal(count) {
  return count >= 100 ? whole(Math.round(count)) : count.toFixed(1);
}

function size(bytes) {
  const unit = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** unit;
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
