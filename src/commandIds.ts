/** The commands of the extension. Those about one integration take its id as argument `integration`. */
export namespace CommandIDs {
  export const add = 'underpass:add-integration';
  export const showKey = 'underpass:show-ssh-key';
  export const egress = 'underpass:authorize-addresses';
  export const reviewHostKeys = 'underpass:review-host-keys';
  export const showIntegrations = 'underpass:show-integrations';
  export const showTunnels = 'underpass:show-tunnels';
  export const insertSqlCell = 'underpass:insert-sql-cell';
  export const howToUse = 'underpass:how-to-use';
  export const copyVariables = 'underpass:copy-variable-names';
  export const test = 'underpass:test-connection';
  export const openTunnel = 'underpass:open-tunnel';
  export const closeTunnel = 'underpass:close-tunnel';
  export const connect = 'underpass:connect';
  export const disconnect = 'underpass:disconnect';
  export const edit = 'underpass:edit-integration';
  export const duplicate = 'underpass:duplicate-integration';
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
  CommandIDs.closeTunnel,
  CommandIDs.connect,
  CommandIDs.disconnect,
  'separator',
  CommandIDs.edit,
  CommandIDs.duplicate,
  CommandIDs.remove
] as const;

/** The menu "Integrations" of the application, from top to bottom. */
export const mainMenu = [
  CommandIDs.add,
  CommandIDs.insertSqlCell,
  'separator',
  CommandIDs.showKey,
  CommandIDs.egress,
  CommandIDs.reviewHostKeys,
  'separator',
  CommandIDs.showIntegrations,
  CommandIDs.showTunnels
] as const;
