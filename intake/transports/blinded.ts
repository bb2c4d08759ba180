import { blindnessAlert, type Blinded } from '../../playbook/blindness';
import type { ProviderId } from '../../playbook/model/principal';
import { rejecting } from '../fields';
import type { Source } from '../source';

/**
 * A way in that was cut, as its own transport is told: an alert like any other, kept, repeated and joined like any other (row 1.1.9, seen from the watcher’s side).
 * `at`: ISO, the same for every telling of one event; a FieldProblem that it throws is a rejection of the message.
 */
export const blinded = (what: Omit<Blinded, 'kind'>, at: () => string, provider: ProviderId): Source => ({
  id: 'tourniquet', recognises: () => true,
  parse: () => {
    const read = rejecting(() => blindnessAlert({ ...what, kind: 'subscription-removed' }, at(), provider));
    return ['rejected' in read ? read : { alert: read.value }];
  },
});
