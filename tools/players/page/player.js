/*
 * A page with a stock player, its own CMCD reporter and the six-line hook. Query: player=dash|hls, gateway, content,
 * and either token (asks for admission first, as a good front end does) or ticket (plays without asking).
 */
const query = new URLSearchParams(location.search);
const gateway = query.get('gateway');
const content = query.get('content');
const intervalS = Number(query.get('interval') ?? '2');
const video = document.querySelector('#video');
const EVENTS = ['ps', 'e', 't', 'bc', 'pr', 'm', 'um', 'b', 'c', 'pe', 'pc'];
const keys = await (await fetch('/cmcd-keys.json')).json();

const show = (status) => {
  document.querySelector('#status').textContent = status;
  window.playerStatus = status;
};
window.answers = [];

/** Admission: what the gateway says, or nothing to play. */
async function admitted() {
  if (query.has('ticket')) {
    const ticket = query.get('ticket');
    return { sessionId: crypto.randomUUID(), cmcdUrl: `/v1/cmcd?ticket=${ticket}&interval=${intervalS}` };
  }
  const response = await fetch(`${gateway}/v1/playback-sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${query.get('token')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ contentId: content, kind: 'VOD', title: 'The test clip' }),
  });
  window.admission = { status: response.status, body: await response.json() };
  return response.status === 201 ? window.admission.body : undefined;
}

let stop = () => undefined;
const onAnswer = (answer) => {
  if (!answer?.verdict) return;
  window.answers.push(answer);
  if (answer.verdict !== 'stop') return;
  stop();
  show(`stopped: ${answer.reason ?? 'no reason'}`);
};
const addPosition = (body) =>
  body
    .split('\n')
    .map((line) => (line ? `${line},pt=${Math.round(video.currentTime * 1000)}` : line))
    .join('\n');

function playWithDash(session, url) {
  const player = dashjs.MediaPlayer().create();
  player.updateSettings({
    streaming: {
      buffer: { bufferTimeDefault: 6, bufferTimeAtTopQuality: 6, bufferTimeAtTopQualityLongForm: 6 },
      cmcd: {
        enabled: true,
        version: 2,
        sid: session.sessionId,
        cid: content,
        mode: 'query',
        includeInRequests: ['segment', 'mpd'],
        enabledKeys: keys,
        eventTargets: [{ enabled: true, url, events: EVENTS, interval: intervalS, batchSize: 1, enabledKeys: keys }],
      },
    },
  });
  player.addRequestInterceptor((request) => {
    if (request.customData.request.type === 'CmcdEvent') request.body = addPosition(request.body);
    return Promise.resolve(request);
  });
  player.addResponseInterceptor((response) => {
    if (response.request.customData.request.type === 'CmcdEvent') onAnswer(parsed(response.data));
    return Promise.resolve(response);
  });
  stop = () => player.destroy();
  player.initialize(video, '/clip/manifest.mpd', true);
}

function parsed(data) {
  if (data instanceof ArrayBuffer) return JSON.parse(new TextDecoder().decode(data));
  return typeof data === 'string' ? JSON.parse(data) : data;
}

function playWithHls(session, url) {
  const player = new Hls({
    maxBufferLength: 6,
    maxMaxBufferLength: 6,
    cmcd: {
      version: 2,
      sessionId: session.sessionId,
      contentId: content,
      useHeaders: false,
      eventTargets: [{ url, events: EVENTS, interval: intervalS, batchSize: 1 }],
      loader: async (request) => {
        const response = await fetch(request.url, {
          method: request.method,
          keepalive: true,
          headers: request.headers,
          body: addPosition(request.body),
        });
        onAnswer(await response.json());
        return { status: response.status };
      },
    },
  });
  stop = () => player.destroy();
  player.loadSource('/clip/master.m3u8');
  player.attachMedia(video);
  player.on(Hls.Events.MANIFEST_PARSED, () => void video.play());
}

const session = await admitted();
if (session === undefined) {
  show('denied');
} else {
  const url = new URL(`${session.cmcdUrl}&answer=json`, gateway).href;
  show('playing');
  if (query.get('player') === 'dash') playWithDash(session, url);
  else playWithHls(session, url);
}
