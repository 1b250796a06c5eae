/** Something that keeps a list of the containers of the cell. */
type Ledger = 'garden';

/** Who lists a container. */
export type Ledgers = ReadonlySet<Ledger>;

export const GARDEN_ALONE: Ledgers = new Set<Ledger>(['garden']);
export const NO_LEDGER: Ledgers = new Set<Ledger>();
