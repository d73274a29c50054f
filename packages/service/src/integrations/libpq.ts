/** Words of libpq's that fields of an integration decide, and the field. The connectors refuse them, too. */
export const libpqDecided: { [word: string]: string } = {
  host: 'host',
  hostaddr: 'host',
  service: 'host',
  servicefile: 'host',
  port: 'port',
  user: 'user',
  dbname: 'database',
  password: 'password',
  passfile: 'password',
  scram_client_key: 'password',
  scram_server_key: 'password',
  sslmode: 'sslMode',
  requiressl: 'sslMode',
  gssencmode: 'sslMode',
  sslsni: 'sslMode',
  sslkeylogfile: 'sslMode',
  sslrootcert: 'caCertificate',
  sslcert: 'clientCertificate',
  sslcertmode: 'clientCertificate',
  sslkey: 'clientKey',
  sslpassword: 'clientKey',
  // Rows are read as UTF-8.
  client_encoding: ''
};
