/** Every workflow type, by the name that the Temporal UI shows. */
export { approval, approvalAftermath } from './approval';
export { backstop } from './backstop';
export { breakGlass } from './break-glass';
export { breakGlassForPerson } from './break-glass-person';
export { burst } from './burst';
export { campaign } from './campaign';
export { incident } from './incident';
export { jitAccess } from './jit-access';
export { notice } from './notice';
export { permissionAudit } from './permission-audit';
export { permissionReview } from './permission-review';
