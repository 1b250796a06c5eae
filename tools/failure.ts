import { CodedFailure } from '../src/model/failure.ts';

/** The codes of the tools' failures. The product does not include them. */
type ToolFailureCode =
  | 'RELEASE_INVALID'
  | 'RELEASE_BLOB'
  | 'RELEASE_BUILD'
  | 'MINI_BOSH_FAILED'
  | 'RUNTIME_CONFIG'
  | 'TILE_BUILD'
  | 'EXECUTABLE_BUILD'
  | 'PROOF_UNREADABLE'
  | 'VM_FAILED';

export class ToolFailure extends CodedFailure<ToolFailureCode> {}
