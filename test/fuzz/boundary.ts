/** Where bytes of others come in. */
export interface Boundary {
  /** How many texts a whole search gives it. */
  readonly goal: number;
  readonly seeds: () => string[];
  /**
   * What is shown of a text, line by line: it must not steer a terminal, nor be much longer than the
   * text.
   * @throws KnownFailure and nothing else
   */
  readonly read: (text: string) => readonly string[] | Promise<readonly string[]>;
}
