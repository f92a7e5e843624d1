// Compiled by tsc, not run: the types of the Node package are those of onnxruntime-common, and its own.
import { InferenceSession, Tensor, env, listSupportedBackends } from 'sardonyx';

export async function example(path: string, signal: AbortSignal): Promise<Float32Array> {
  env.logLevel = 'error';
  const options: InferenceSession.SessionOptions = { graphOptimizationLevel: 'all', freeDimensionOverrides: { batch: 1 } };
  const session = await InferenceSession.create(path, options);
  const feeds = { x: new Tensor('float32', new Float32Array(3), [1, 3]) };
  const results = await session.run(feeds, { signal, tag: 'a run' });
  const bundled: boolean = listSupportedBackends()[0].bundled;
  console.log(bundled, session.inputMetadata[0].name);
  await session.release();
  return results.y.data as Float32Array;
}
