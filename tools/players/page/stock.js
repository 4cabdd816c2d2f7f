/*
 * A page with a stock player and its own CMCD reporter, and nothing of ours: no admission, no hook, no beat, nobody who
 * reads an answer. Query: player=dash|hls, media (folder of the clip), cmcd (where reports go), content, interval.
 */
const query = new URLSearchParams(location.search);
const content = query.get('content');
const interval = Number(query.get('interval') ?? '1');
const url = query.get('cmcd');
const video = document.querySelector('#video');
const EVENTS = ['ps', 'e', 't', 'bc', 'pr', 'm', 'um', 'b', 'c', 'pe', 'pc'];
const keys = await (await fetch('/cmcd-keys.json')).json();
const sid = crypto.randomUUID();

function playWithDash() {
  const player = dashjs.MediaPlayer().create();
  player.updateSettings({
    streaming: {
      buffer: { bufferTimeDefault: 4, bufferTimeAtTopQuality: 4, bufferTimeAtTopQualityLongForm: 4 },
      cmcd: {
        enabled: true,
        version: 2,
        sid,
        cid: content,
        mode: 'query',
        includeInRequests: ['segment', 'mpd'],
        enabledKeys: keys,
        eventTargets: [{ enabled: true, url, events: EVENTS, interval, batchSize: 1, enabledKeys: keys }],
      },
    },
  });
  player.initialize(video, `${query.get('media')}/manifest.mpd`, true);
}

function playWithHls() {
  const player = new Hls({
    maxBufferLength: 4,
    maxMaxBufferLength: 4,
    cmcd: {
      version: 2,
      sessionId: sid,
      contentId: content,
      useHeaders: false,
      eventTargets: [{ url, events: EVENTS, interval, batchSize: 1 }],
    },
  });
  player.loadSource(`${query.get('media')}/master.m3u8`);
  player.attachMedia(video);
  player.on(Hls.Events.MANIFEST_PARSED, () => void video.play());
}

if (query.get('player') === 'dash') playWithDash();
else playWithHls();
