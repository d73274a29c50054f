/**
 * Worked examples of using a plain SSH tunnel. `tests/integration/test_tunnel_examples.py` runs them as they stand.
 */
import type { HowToUse } from '@underpass/protocol';

import type { HowToUseContext } from './define.js';

interface Example extends HowToUse {
  /** Ports at which such services usually listen. */
  ports: number[];
}

/** All examples; those for services that usually listen at the tunnel's port come first. */
export function tunnelExamples(context: HowToUseContext): HowToUse[] {
  const port = Number(context.fields.remotePort);
  const examples = [
    httpPython,
    httpsPython,
    redis,
    redisTls,
    mlflow,
    feast,
    httpR,
    httpShell,
    httpsShell
  ].map(example => example(context));
  const fitting = examples.filter(({ ports }) => ports.includes(port));
  const others = examples.filter(({ ports }) => !ports.includes(port));
  return [...fitting, ...others].map(({ title, language, code }) => ({
    title,
    language,
    code
  }));
}

const http = [80, 8000, 8080];
const https = [443, 8443];

function python(
  title: string,
  ports: number[],
  ...code: string[]
): (context: HowToUseContext) => Example {
  return ({ prefix }) => ({
    title,
    language: 'python',
    ports,
    code: code.join('\n').replaceAll('PREFIX', prefix)
  });
}

const httpPython = python(
  'HTTP API, in Python',
  http,
  'import os',
  'from getpass import getpass',
  '',
  'import requests',
  '',
  'host = os.environ["PREFIX_LOCAL_HOST"]',
  'port = os.environ["PREFIX_LOCAL_PORT"]',
  'session = requests.Session()',
  'session.trust_env = False  # no proxy on the way to the tunnel',
  'session.headers["Authorization"] = f"Bearer {getpass(\'Token: \')}"',
  'answer = session.get(f"http://{host}:{port}/", timeout=30)',
  'answer.raise_for_status()',
  'answer.json()'
);

const httpsPython = python(
  'HTTPS API, in Python',
  https,
  'import os',
  'from getpass import getpass',
  '',
  'import requests',
  'from requests.adapters import HTTPAdapter',
  '',
  'host = os.environ["PREFIX_LOCAL_HOST"]',
  'port = os.environ["PREFIX_LOCAL_PORT"]',
  'name = os.environ["PREFIX_REMOTE_HOST"]',
  '',
  '',
  'class ThroughTunnel(HTTPAdapter):',
  '    """Dials the tunnel, and checks the certificate for the name of the service behind it."""',
  '',
  '    def init_poolmanager(self, *args, **kwargs):',
  '        super().init_poolmanager(*args, server_hostname=name, assert_hostname=name, **kwargs)',
  '',
  '',
  'session = requests.Session()',
  'session.trust_env = False  # no proxy on the way to the tunnel',
  'session.mount("https://", ThroughTunnel())',
  'session.verify = True  # or the path of the file with the certificate of your own authority',
  'session.headers["Host"] = name',
  'session.headers["Authorization"] = f"Bearer {getpass(\'Token: \')}"',
  'answer = session.get(f"https://{host}:{port}/", timeout=30)',
  'answer.raise_for_status()',
  'answer.json()'
);

const redis = python(
  'Redis',
  [6379],
  'import os',
  'from getpass import getpass',
  '',
  'import redis',
  '',
  'client = redis.Redis(',
  '    host=os.environ["PREFIX_LOCAL_HOST"],',
  '    port=int(os.environ["PREFIX_LOCAL_PORT"]),',
  '    password=getpass("Password: "),',
  '    decode_responses=True,',
  ')',
  'client.set("greeting", "Hello from a notebook")',
  'client.get("greeting")'
);

const redisTls = python(
  'Redis with TLS',
  [6380],
  'import os',
  'from getpass import getpass',
  '',
  'import redis',
  '',
  '',
  'class ThroughTunnel(redis.SSLConnection):',
  '    """Dials the tunnel, and checks the certificate for the name of the server behind it."""',
  '',
  '    def _wrap_socket_with_ssl(self, sock):',
  '        dialled, self.host = self.host, os.environ["PREFIX_REMOTE_HOST"]',
  '        try:',
  '            return super()._wrap_socket_with_ssl(sock)',
  '        finally:',
  '            self.host = dialled',
  '',
  '',
  'client = redis.Redis(',
  '    connection_pool=redis.ConnectionPool(',
  '        connection_class=ThroughTunnel,',
  '        host=os.environ["PREFIX_LOCAL_HOST"],',
  '        port=int(os.environ["PREFIX_LOCAL_PORT"]),',
  '        password=getpass("Password: "),',
  '        ssl_ca_certs=None,  # or the path of the file with the certificate of your own authority',
  '        ssl_check_hostname=True,',
  '        decode_responses=True,',
  '    )',
  ')',
  'client.ping()'
);

const mlflow = python(
  'MLflow',
  [5000],
  'import os',
  '',
  'import mlflow',
  '',
  'host = os.environ["PREFIX_LOCAL_HOST"]',
  'port = os.environ["PREFIX_LOCAL_PORT"]',
  '# MLflow can not check a certificate for another name than it dials: use its port without TLS.',
  '# SSH encrypts the way to the bastion.',
  'mlflow.set_tracking_uri(f"http://{host}:{port}")',
  'mlflow.set_experiment("through-the-tunnel")',
  'with mlflow.start_run():',
  '    mlflow.log_param("depth", 4)',
  '    mlflow.log_metric("accuracy", 0.93)',
  'mlflow.search_runs(experiment_names=["through-the-tunnel"])'
);

const feast = python(
  'Feast',
  [6566],
  'import os',
  '',
  'import pandas as pd',
  'import requests',
  '',
  'host = os.environ["PREFIX_LOCAL_HOST"]',
  'port = os.environ["PREFIX_LOCAL_PORT"]',
  'question = {',
  '    "features": ["product_stats:price", "product_stats:pieces"],  # view:feature',
  '    "entities": {"product_id": [1, 3]},',
  '}',
  'session = requests.Session()',
  'session.trust_env = False  # no proxy on the way to the tunnel',
  'answer = session.post(f"http://{host}:{port}/get-online-features", json=question, timeout=30)',
  'answer.raise_for_status()',
  'found = answer.json()',
  'columns = zip(found["metadata"]["feature_names"], found["results"])',
  'pd.DataFrame({name: column["values"] for name, column in columns})'
);

const httpR = ({ prefix }: HowToUseContext): Example => ({
  title: 'HTTP API, in R',
  language: 'r',
  ports: http,
  code: [
    'library(httr2)',
    '',
    `host <- Sys.getenv("${prefix}_LOCAL_HOST")`,
    `port <- Sys.getenv("${prefix}_LOCAL_PORT")`,
    'answer <- request(paste0("http://", host, ":", port, "/")) |>',
    '  req_auth_bearer_token(getPass::getPass("Token: ")) |>',
    '  req_options(noproxy = "*") |>',
    '  req_perform()',
    'resp_body_json(answer)'
  ].join('\n')
});

/** Kernels have the variables of the tunnel; a terminal gets them from the command. */
const inTerminal = (name: string) => [
  '# A terminal does not know the tunnel until it is started with:',
  `#   underpass run '${name.replaceAll("'", "'\\''")}' -- bash`
];

const httpShell = ({ name, prefix }: HowToUseContext): Example => ({
  title: 'HTTP API, in a shell',
  language: 'shell',
  ports: http,
  code: [
    ...inTerminal(name),
    "read -rsp 'Token: ' token",
    'printf \'Authorization: Bearer %s\' "$token" |',
    `  curl --fail --noproxy '*' --header @- "http://$${prefix}_LOCAL_HOST:$${prefix}_LOCAL_PORT/"`
  ].join('\n')
});

const httpsShell = ({ name, prefix }: HowToUseContext): Example => ({
  title: 'HTTPS API, in a shell',
  language: 'shell',
  ports: https,
  code: [
    ...inTerminal(name),
    '# The certificate is checked for the name of the service; add --cacert FILE for an authority of your own.',
    "read -rsp 'Token: ' token",
    'printf \'Authorization: Bearer %s\' "$token" |',
    "  curl --fail --noproxy '*' --header @- \\",
    `    --connect-to "$${prefix}_REMOTE_HOST:$${prefix}_REMOTE_PORT:$${prefix}_LOCAL_HOST:$${prefix}_LOCAL_PORT" \\`,
    `    "https://$${prefix}_REMOTE_HOST:$${prefix}_REMOTE_PORT/"`
  ].join('\n')
});
