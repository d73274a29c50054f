/** Names that mean something in the first line without being those of integrations or variables. */
export const reserved = {
  /** SQL over the DataFrames of the kernel. */
  dataFrames: 'duckdb',
  /** Receives the rows of cells that name no variable. */
  output: 'sql_df',
  /** Given as the variable: keep the rows in none. */
  noOutput: '_'
} as const;

/** Whether a name stands for the DataFrames of the kernel, not for an integration. */
export function isDataFrames(name: string): boolean {
  return name.toLowerCase() === reserved.dataFrames;
}
