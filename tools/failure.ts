import { CodedFailure } from '../src/model/failure.ts';

/** The codes of what tools cannot do. None ships. */
type ToolFailureCode =
  | 'RELEASE_INVALID'
  | 'RELEASE_BLOB'
  | 'RELEASE_BUILD'
  | 'MINI_BOSH_FAILED'
  | 'RUNTIME_CONFIG'
  | 'TILE_BUILD'
  | 'PLUGIN_BUILD'
  | 'EXECUTABLE_BUILD'
  | 'VM_FAILED';

export class ToolFailure extends CodedFailure<ToolFailureCode> {}
