// Tokens and requests. With the development key the gateway gives the page demo tokens; else the visitor pastes them.

const TOKEN_KEY = 'playhead-operator-token';

/** Whether the gateway gives out demo tokens; undefined until it was asked. */
let demo;

/** An answer that is not 2xx. */
export class ApiError extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? problem?.title ?? `the gateway answered ${status}`);
    this.status = status;
    this.problem = problem ?? {};
  }
}

/** Asks the gateway; resolves with the JSON of a 2xx answer, undefined for an empty one. Rejects with ApiError, or TypeError when it cannot be reached. */
export async function ask(method, path, { token, ticket, body, keepalive = false } = {}) {
  const response = await fetch(path, {
    method,
    keepalive,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(ticket === undefined ? {} : { 'playback-ticket': ticket }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  const answer = isJson ? await response.json() : undefined;
  if (!response.ok) throw new ApiError(response.status, answer);
  return answer;
}

/** The operator token, or undefined when the visitor has to give one. */
export async function operatorToken() {
  const kept = sessionStorage.getItem(TOKEN_KEY);
  if (kept !== null) return kept;
  const tokens = await demoTokens('');
  if (tokens === undefined) return undefined;
  sessionStorage.setItem(TOKEN_KEY, tokens.operator);
  return tokens.operator;
}

export function keepOperatorToken(token) {
  sessionStorage.setItem(TOKEN_KEY, token);
}

export function forgetOperatorToken() {
  sessionStorage.removeItem(TOKEN_KEY);
}

/** A viewer token of the account and device, or undefined when the visitor has to give one. */
export async function viewerToken(account, device) {
  const query = new URLSearchParams({ account, device });
  return (await demoTokens(`?${query}`))?.viewer;
}

/** Whether the gateway gives out demo tokens. */
export function hasDemoTokens() {
  return demo === true;
}

async function demoTokens(query) {
  if (demo === false) return undefined;
  try {
    const tokens = await ask('GET', `/demo/tokens${query}`);
    demo = true;
    return tokens;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    demo = false;
    return undefined;
  }
}
