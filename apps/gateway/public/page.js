// The page at the gateway's root: figures of the tenant once a second, and an account to try.

import { forgetStream, startStream, stopAllByBeacon } from './account-trial.js';
import { ApiError, ask, forgetOperatorToken, hasDemoTokens, keepOperatorToken, operatorToken } from './api.js';
import { showFigures } from './figures.js';
import { showStreams, showStreamsProblem } from './streams-table.js';

const POLL_MS = 1000;

const element = (id) => document.getElementById(id);
const connection = element('connection');
const tokenForm = element('token-form');
const accountForm = element('account-form');
const answerBox = element('answer');

let token;

async function poll() {
  if (document.hidden) return;
  try {
    token ??= await operatorToken();
    if (token === undefined) {
      askForToken();
      return;
    }
    const overview = await ask('GET', '/v1/overview', { token });
    showSignedIn(true);
    element('viewer-token-field').hidden = hasDemoTokens();
    showFigures(overview);
    setConnection('live', 'Live');
    await pollStreams(overview.serverTime);
  } catch (error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) refuseToken(error);
    else setConnection('error', error instanceof ApiError ? error.message : 'The gateway cannot be reached.');
  }
}

async function pollStreams(now) {
  const account = currentAccount();
  element('streams-account').textContent = account === '' ? '–' : account;
  if (account === '') {
    showStreamsProblem('Name an account.');
    return;
  }
  try {
    const { streams } = await ask('GET', `/v1/accounts/${encodeURIComponent(account)}/streams`, { token });
    if (account === currentAccount()) showStreams(streams, now, stopSession);
  } catch (error) {
    showStreamsProblem(error instanceof ApiError ? error.message : 'The streams could not be read.');
  }
}

function askForToken() {
  showSignedIn(false);
  setConnection('loading', 'Not signed in');
}

function showSignedIn(signedIn) {
  tokenForm.hidden = signedIn;
  for (const section of document.querySelectorAll('main section')) section.hidden = !signedIn;
}

function refuseToken(error) {
  forgetOperatorToken();
  token = undefined;
  if (hasDemoTokens()) return;
  element('token-error').textContent = `That token was not accepted: ${error.message}`;
  askForToken();
}

function setConnection(state, text) {
  if (connection.textContent === text) return;
  connection.dataset.state = state;
  connection.textContent = text;
}

function currentAccount() {
  return element('account-input').value.trim();
}

function say(kind, text, items = []) {
  answerBox.hidden = false;
  answerBox.dataset.kind = kind;
  const line = document.createElement('p');
  line.textContent = text;
  const list = document.createElement('ul');
  for (const item of items) {
    const entry = document.createElement('li');
    entry.textContent = item;
    entry.title = item;
    list.append(entry);
  }
  answerBox.replaceChildren(line, ...(items.length > 0 ? [list] : []));
}

async function start() {
  const token = element('viewer-token').value.trim();
  const started = await startStream(currentAccount(), token, { told, missed });
  if (!started.playing) return;
  const { sessionId, device, usage, checked } = started;
  const most = usage.max === null ? '' : ` of ${usage.max}`;
  const used = checked ? `${usage.current}${most} streams in use` : 'unchecked: the guard did not answer';
  say('good', `201: ${device} plays as ${sessionId.slice(0, 8)}…; ${used}.`);
}

function told({ device }, { verdict, reason }) {
  say('bad', `${device} was told to ${verdict}${reason === undefined ? '' : ` (${reason})`}.`);
}

function missed({ device }, error) {
  say('bad', `A beat of ${device} was not taken and is sent again: ${error.message}.`);
}

async function setLimit() {
  const account = currentAccount();
  const maxStreams = Number(element('limit-input').value);
  const body = { plan: 'tried-out', maxStreams };
  await ask('PUT', `/v1/accounts/${encodeURIComponent(account)}/entitlement`, { token, body });
  say('good', `204: ${account} may watch ${maxStreams} ${maxStreams === 1 ? 'stream' : 'streams'} at once.`);
}

async function stopSession(session) {
  const own = forgetStream(session);
  const path = `/v1/playback-sessions/${encodeURIComponent(session)}`;
  await attempt(() =>
    own === undefined
      ? ask('DELETE', `${path}?account=${encodeURIComponent(currentAccount())}`, { token })
      : ask('DELETE', path, { ticket: own.ticket }),
  );
}

/** Does it with the button disabled, and says what went wrong. */
async function attempt(action, button) {
  if (button !== undefined) button.disabled = true;
  try {
    await action();
  } catch (error) {
    if (!(error instanceof ApiError)) say('bad', 'The gateway cannot be reached.');
    else if (error.status === 409) sayDenied(error.problem);
    else say('bad', `${error.status}: ${error.message}`);
  } finally {
    if (button !== undefined) button.disabled = false;
  }
  await poll();
}

function sayDenied({ detail, conflicts = [], retryAfterMs = 0 }) {
  const again = retryAfterMs > 0 ? ` The earliest lease ends in ${Math.ceil(retryAfterMs / 1000)} s.` : '';
  say(
    'bad',
    `409: ${detail}${again}`,
    conflicts.map(({ device, content }) => `${device} watches ${content}`),
  );
}

tokenForm.addEventListener('submit', (event) => {
  event.preventDefault();
  token = element('token-input').value.trim();
  element('token-error').textContent = '';
  keepOperatorToken(token);
  element('token-input').value = '';
  void poll();
});
accountForm.addEventListener('submit', (event) => {
  event.preventDefault();
  void attempt(start, element('start-button'));
});
element('limit-button').addEventListener('click', () => {
  if (accountForm.reportValidity()) void attempt(setLimit, element('limit-button'));
});
element('account-input').addEventListener('input', () => showStreamsProblem('Loading …'));
addEventListener('pagehide', stopAllByBeacon);
document.addEventListener('visibilitychange', () => void poll());

/** One poll after the other, never two at once. */
async function run() {
  for (;;) {
    await poll();
    await new Promise((resolve) => {
      setTimeout(resolve, POLL_MS);
    });
  }
}

void run();
