export * from 'onnxruntime-common';

declare module 'onnxruntime-common' {
  namespace InferenceSession {
    interface RunOptions {
      /** Aborting it ends the run early; run then rejects with the signal's reason. */
      signal?: AbortSignal;
    }
  }
}

export interface SupportedBackend {
  name: string;
  bundled: boolean;
}

/** The execution providers of this package: the CPU. */
export declare function listSupportedBackends(): SupportedBackend[];
