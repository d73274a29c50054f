import type { ImportEntry, ImportsResults } from '@underpass/protocol';

import type { FoundEntry } from '../../imports/entry.js';
import { readOwn, readText } from '../../imports/read.js';
import { definitionOf } from '../../integrations/registry.js';
import { validate } from '../../integrations/validate.js';
import type { Service } from '../../service.js';
import { asFailure } from '../../serviceError.js';
import { unusedName } from '../../workspace/names.js';
import { projectOf } from '../../workspace/projects.js';
import { describeIntegration } from '../describe.js';
import type { HandlersOf } from './define.js';

export const importsHandlers: HandlersOf<keyof ImportsResults> = {
  'underpass/imports/read': (params, { service }) => {
    const found =
      params.source.kind === 'own' ? readOwn() : readText(params.source.text);
    const taken = [...service.store.integrations()];
    const entries = found.entries.map(entry => {
      const name = unusedName(entry.name, taken);
      taken.push({ ...entry, id: entry.id, name, aliases: [] });
      return { ...entry, name };
    });
    return {
      import: service.imports.keep(entries, params.import),
      entries: entries.map(entry => describe(entry, service)),
      files: found.files,
      remarks: found.remarks
    };
  },

  'underpass/imports/add': async (params, { service }) => {
    const { store } = service;
    const project = projectOf(store, params.folder);
    const results: ImportsResults['underpass/imports/add'] = {
      added: [],
      refused: []
    };
    for (const id of params.entries) {
      const entry = service.imports.get({ import: params.import, entry: id });
      try {
        const { fields, secrets } = check(entry, service);
        const added = store.add(
          entry.type,
          entry.name,
          fields,
          secrets,
          params.connect ? project : undefined
        );
        results.added.push(await describeIntegration(service, added, project));
      } catch (error) {
        const failure = asFailure(error);
        results.refused.push({ entry: id, name: entry.name, failure });
      }
    }
    return results;
  }
};

/** Without its secrets. */
function describe(entry: FoundEntry, service: Service): ImportEntry {
  const { id, name, origin, type, fields, secrets, remarks } = entry;
  const told: ImportEntry = {
    id,
    name,
    origin,
    type,
    fields,
    secretsSet: Object.keys(secrets),
    remarks
  };
  try {
    check(entry, service);
    return told;
  } catch (error) {
    return { ...told, missing: asFailure(error) };
  }
}

/** @throws ServiceError if it can not be added as it is */
function check(entry: FoundEntry, service: Service) {
  const valid = validate(definitionOf(entry.type), entry.fields, entry.secrets);
  service.policy.require({ type: entry.type, fields: valid.fields });
  return valid;
}
