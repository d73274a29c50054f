import { asCidr } from '../addresses.js';
import { type GuideDefinition, shellCommand } from './define.js';

/** `gcloud sql instances patch` knows the whole list alone: there is no adding to it. */
export const cloudSql: GuideDefinition = {
  id: 'google-cloud-sql',
  types: ['postgresql'],
  databaseOnly: true,
  write: context => {
    const { v4, v6, changes } = context;
    // An empty list would take everything away.
    const patch =
      v4.length === 0
        ? ''
        : shellCommand(
            'gcloud sql instances patch INSTANCE',
            `--authorized-networks=${v4.map(asCidr).join(',')}`
          );
    return {
      id: 'google-cloud-sql',
      title: 'Google Cloud SQL for PostgreSQL',
      steps: [
        'The instance needs a public IP address.',
        'Look at its list first: gcloud sql instances describe INSTANCE',
        'Add the authorized networks of that list that are still needed to the command, separated by commas.',
        'Put the name of the instance in the place of INSTANCE.'
      ],
      warnings: [
        'The command replaces the whole list of authorized networks: what is not in it loses access.',
        ...(v6.length > 0
          ? [
              `Cloud SQL is reached from outside over IPv4 alone: left out ${v6.join(', ')}.`
            ]
          : [])
      ],
      language: 'shell',
      command: patch,
      ...(patch &&
      changes &&
      changes.add.v4.length + changes.remove.v4.length > 0
        ? { change: patch }
        : {}),
      link: 'https://cloud.google.com/sql/docs/postgres/authorize-networks'
    };
  }
};
