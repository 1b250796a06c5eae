/** The containers of the story. */
export const KEPT = 'aaaaaaaa-0000-4000-8000-000a';
export const FORGOTTEN = 'bbbbbbbb-0000-4000-8000-000b';
export const SECOND = 'cccccccc-0000-4000-8000-000c';
