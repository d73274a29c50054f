import { awsSecurityGroup } from './awsSecurityGroup.js';
import { cloudSql } from './cloudSql.js';
import type { GuideDefinition } from './define.js';
import { googleFirewall } from './googleFirewall.js';
import { snowflakePolicy } from './snowflake.js';

/** Every guide, in the order that front ends show them. */
export const guides: readonly GuideDefinition[] = [
  cloudSql,
  awsSecurityGroup,
  googleFirewall,
  snowflakePolicy
];
