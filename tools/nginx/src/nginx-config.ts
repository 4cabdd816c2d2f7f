/** `closed`: nobody gets media while the agent is away; `open`: everybody does, also those who were told to stop. */
export type AgentAway = 'open' | 'closed';

/** When a player shall ask again, seconds. */
const RETRY_AFTER_S = 2;

/** What the configuration is made of. */
export interface NginxPlace {
  readonly port: number;
  /** Where the agent answers `auth_request`. */
  readonly agentPort: number;
  /** Folder of the media. */
  readonly root: string;
  /** Folder of what nginx writes: log, process id, temporary files. */
  readonly directory: string;
  /** What is served while the agent does not answer: nothing (503), or everything, to whoever asks. */
  readonly agentAway: AgentAway;
}

/** The access log within the folder of what nginx writes. */
export const ACCESS_LOG = 'access.log';

/**
 * A plain nginx that serves media below `/t/<ticket>/`, relative addresses of players included, to streams that may go
 * on. The ticket names the session and is signed; the agent says at each request whether it is good and not revoked, and
 * whose it is, which goes into the log instead of the address: a ticket is a secret and is not logged. The cache key of
 * a proxy in front is `$file`, without the ticket. What is served unasked while the agent is away has no session in the
 * log, so it is evidence of nobody. The agent is asked without the viewer's headers, and its answer has room for five
 * ids at their limit (128 characters of nine bytes): else it would be away for those who have long ones. Both paths are
 * absolute and without spaces or quotes.
 */
export function nginxConfig({ port, agentPort, root, directory, agentAway }: NginxPlace): string {
  return `daemon off;
master_process off;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log crit;
events { worker_connections 1024; }
http {
  types {
    application/dash+xml mpd;
    application/vnd.apple.mpegurl m3u8;
    video/mp4 mp4;
    video/iso.segment m4s;
  }
  default_type application/octet-stream;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  keepalive_timeout 65s;
  log_format playhead escape=json '{"at":"$msec","id":"$request_id","status":"$status",'
    '"account":"$playhead_account","session":"$playhead_session","content":"$playhead_content",'
    '"device":"$playhead_device","profile":"$playhead_profile"}';
  access_log off;
  # What fails at a request is logged with its address, in which the ticket stands.
  error_log ${directory}/error.log emerg;
  upstream agent {
    server 127.0.0.1:${agentPort};
    keepalive 32;
  }
  server {
    listen 127.0.0.1:${port};
    add_header Access-Control-Allow-Origin * always;
    location ~ ^/t/[^/]+/(?<file>.+)$ {
      auth_request /agent/authorize;
      error_page 500 = @agent_away;
      auth_request_set $playhead_account $upstream_http_playhead_account;
      auth_request_set $playhead_session $upstream_http_playhead_session;
      auth_request_set $playhead_content $upstream_http_playhead_content;
      auth_request_set $playhead_device $upstream_http_playhead_device;
      auth_request_set $playhead_profile $upstream_http_playhead_profile;
      access_log ${directory}/${ACCESS_LOG} playhead;
      add_header Access-Control-Allow-Origin * always;
      add_header Cache-Control no-store always;
      alias ${root}/$file;
    }
${agentLocations(agentAway)}  }
}
`;
}

/** Where nginx asks its agent, and what it does when that does not answer: what auth_request makes of it is 500, which tells nobody to ask again. */
function agentLocations(agentAway: AgentAway): string {
  const unasked = '\n      error_page 502 504 = @unasked;';
  return `    location = /agent/authorize {
      internal;
      proxy_pass http://agent/authorize;
      proxy_pass_request_body off;
      proxy_pass_request_headers off;
      proxy_buffer_size 8k;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Content-Length "";
      proxy_set_header X-Original-URI $request_uri;
      proxy_connect_timeout 1s;
      proxy_read_timeout 1s;${agentAway === 'open' ? unasked : ''}
    }
    location @agent_away {
      add_header Access-Control-Allow-Origin * always;
      add_header Retry-After ${RETRY_AFTER_S} always;
      return 503;
    }
    location @unasked {
      return 204;
    }
`;
}
