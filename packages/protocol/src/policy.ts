/**
 * What an administrator decides for everybody.
 */

/** What can be switched off, by its name in policy files and in the configuration of Jupyter servers. */
export const features = [
  'sshTunnels',
  'genericTunnel',
  'caUpload',
  'egress'
] as const;

export type Feature = (typeof features)[number];

/** True: allowed. */
export type Permissions = { [F in Feature]: boolean };
