import http from 'node:http';

const VARIABLES = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'];

let isDone = false;

/** Makes `fetch` use HTTP_PROXY, HTTPS_PROXY and NO_PROXY as other programs do; Node's own leaves them alone by default. */
export function obeyProxySettings(): void {
  if (isDone || !VARIABLES.some((name) => process.env[name])) return;
  isDone = true;
  // Not there before Node 24.14, which then goes without a proxy as it always did.
  http.setGlobalProxyFromEnv?.();
}
