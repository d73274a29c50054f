import type { FromUrl, IntegrationDefinition } from './define.js';
import { generalUrl } from './generalUrl.js';

/** Ports of the native protocol, and those of HTTP beside them. */
const httpPorts: { [port: number]: number } = { 9000: 8123, 9440: 8443 };

/**
 * Read a URL of one of ClickHouse's many clients: they say in the scheme (`clickhouses`, `clickhouse+http`,
 * `ch:https`) or in options (`secure`, `ssl`, `protocol`, `verify`) whether there is TLS.
 */
export function clickhouseUrl(
  definition: IntegrationDefinition,
  url: string
): FromUrl {
  const question = url.indexOf('?');
  const address = question < 0 ? url : url.slice(0, question);
  const asked = new URLSearchParams(question < 0 ? '' : url.slice(question));
  const [, scheme = '', rest = ''] =
    /^([a-z]+(?:\+[a-z]+)?(?::https?)?):(\/\/.*)$/is.exec(address) ?? [];
  const options = new URLSearchParams();
  let secure = /(^clickhouses|https)$/i.test(scheme)
    ? true
    : /http$/i.test(scheme)
      ? false
      : undefined;
  for (const [name, value] of asked) {
    const isOn = /^(true|1|yes|on|https|)$/i.test(value);
    switch (name.toLowerCase()) {
      case 'secure':
      case 'ssl':
      case 'protocol':
        secure = isOn;
        break;
      case 'verify':
        options.set('sslmode', isOn ? 'strict' : 'require');
        break;
      case 'sslmode':
        options.set('sslmode', /^none$/i.test(value) ? 'require' : value);
        break;
      default:
        options.append(name, value);
    }
  }
  if (secure === false) {
    options.delete('sslmode');
  }
  if (secure !== undefined) {
    options.set('ssl', String(secure));
  }
  const query = options.size > 0 ? `?${options.toString()}` : '';
  const read = generalUrl(
    definition,
    rest ? `clickhouse:${rest}${query}` : url
  );
  const { port } = read.fields;
  const http = typeof port === 'number' ? httpPorts[port] : undefined;
  if (http) {
    read.fields.port = http;
    read.remarks?.push(
      `${port} is a port of the native protocol: it was replaced by ${http}, that of HTTP.`
    );
  } else if (port === undefined && secure !== undefined) {
    read.fields.port = secure ? 8443 : 8123;
  }
  return read;
}
