/** The ids that every Go program gives the types that gob begins with (encoding/gob, "Types and Values"). */
export const BASIC_IDS = {
  bool: 1,
  int: 2,
  uint: 3,
  float: 4,
  bytes: 5,
  string: 6,
  complex: 7,
  interface: 8,
} as const;

/** Types that are defined on the wire begin here; Go gives 64 to one of its own at times. */
export const FIRST_DEFINED_ID = 64;
