/** The commands of the extension. Those about one integration take its id as argument `integration`. */
export namespace CommandIDs {
  export const add = 'underpass:add-integration';
  export const showKey = 'underpass:show-ssh-key';
  export const egress = 'underpass:authorize-addresses';
  export const reviewHostKeys = 'underpass:review-host-keys';
  export const insertSqlCell = 'underpass:insert-sql-cell';
  export const howToUse = 'underpass:how-to-use';
  export const copyVariables = 'underpass:copy-variable-names';
  export const test = 'underpass:test-connection';
  export const openTunnel = 'underpass:open-tunnel';
  export const connect = 'underpass:connect';
  export const disconnect = 'underpass:disconnect';
  export const remove = 'underpass:delete-integration';
}

/** The menu of one integration, from top to bottom. */
export const integrationMenu = [
  CommandIDs.howToUse,
  CommandIDs.insertSqlCell,
  CommandIDs.copyVariables,
  'separator',
  CommandIDs.test,
  CommandIDs.openTunnel,
  CommandIDs.connect,
  CommandIDs.disconnect,
  'separator',
  CommandIDs.remove
] as const;
