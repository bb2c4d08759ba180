/** On a starved machine an activation can take longer than the SDK’s 5 s, and Node 20 dies when one is cut off (“async hook stack has become corrupted”). */
export const unhurried = { isolateExecutionTimeout: '5m' };
