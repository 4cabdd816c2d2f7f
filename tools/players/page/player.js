/*
 * A page with a stock player, its own CMCD reporter and the hook of libs/playhead-client. Query: player=dash|hls, gateway, content,
 * and either token (asks for admission first, as a good front end does) or ticket (plays without asking).
 */
import { answeringUrl } from './client/cmcd-hook.ts';
import { hookDash } from './client/hook-dash.ts';
import { hlsCmcdLoader } from './client/hook-hls.ts';

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
const onVerdict = (answer) => {
  window.answers.push(answer);
  if (answer.verdict !== 'stop') return;
  stop();
  show(`stopped: ${answer.reason ?? 'no reason'}`);
};

function playWithDash(session, hook) {
  const url = answeringUrl(hook.url);
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
  hookDash(player, hook);
  stop = () => player.destroy();
  player.initialize(video, '/clip/manifest.mpd', true);
}

function playWithHls(session, hook) {
  const url = answeringUrl(hook.url);
  const player = new Hls({
    maxBufferLength: 6,
    maxMaxBufferLength: 6,
    cmcd: {
      version: 2,
      sessionId: session.sessionId,
      contentId: content,
      useHeaders: false,
      eventTargets: [{ url, events: EVENTS, interval: intervalS, batchSize: 1 }],
      loader: hlsCmcdLoader(hook),
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
  const url = new URL(session.cmcdUrl, gateway).href;
  const hook = { url, positionMs: () => video.currentTime * 1000, onVerdict };
  show('playing');
  if (query.get('player') === 'dash') playWithDash(session, hook);
  else playWithHls(session, hook);
}
