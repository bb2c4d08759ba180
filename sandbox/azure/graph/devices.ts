import type { Device } from '@microsoft/microsoft-graph-types';
import type { Json } from '../protocol/types';
import { linkId, type Link } from '../state/membership';
import { newId, type Sim } from '../state/sim';
import { collection } from './collection';
import { links } from './links';
import { listAnswer, notFound, type ListRules } from './odata';
import { graph, type Making } from './routes';
import { userOf } from './users';

const READ = ['Device.Read.All', 'Directory.Read.All', 'Device.ReadWrite.All', 'Directory.ReadWrite.All'];
const rules: ListRules = { context: 'devices', directory: true, filterable: ['id', 'deviceId', 'displayName', 'accountEnabled', 'operatingSystem', 'registrationDateTime', 'approximateLastSignInDateTime', 'trustType'] };

export function deviceRoutes(making: Making): void {
  const { sim } = making;
  const removed = (device: Json): void => {
    for (const name of ['registeredOwners', 'registeredUsers']) for (const link of sim.shelf<Link>(name).truth()) if (link.from === device['id']) sim.shelf<Link>(name).remove(link.id);
  };
  collection(making, { path: '/devices', shelf: 'devices', rules, read: READ, write: ['Device.ReadWrite.All', 'Directory.ReadWrite.All'], audits: { update: 'Update device', remove: 'Delete device', category: 'Device', type: 'Device' }, removed });
  links(making, { owner: '/devices/:id', name: 'registeredOwners', shelf: 'registeredOwners', read: READ });
  links(making, { owner: '/devices/:id', name: 'registeredUsers', shelf: 'registeredUsers', read: READ });
  for (const [path, shelf] of [['registeredDevices', 'registeredUsers'], ['ownedDevices', 'registeredOwners']] as const) {
    for (const cast of ['', '/microsoft.graph.device']) {
      graph(making, 'GET', `/users/:id/${path}${cast}`, [...READ, 'User.Read.All'], (call) => {
        const user = userOf(sim, call.params['id']!);
        if (!user) throw notFound(call.params['id']!);
        const mine = new Set(sim.shelf<Link>(shelf).list().filter((link) => link.to === user.id).map((link) => link.from));
        return listAnswer(call, sim.shelf<Device>('devices').list().filter((device) => mine.has(device.id!)).map((device) => ({ '@odata.type': '#microsoft.graph.device', ...device })), { ...rules, context: 'directoryObjects' });
      });
    }
  }
}

/** Registers a device of a person, as the broker on it does. */
export function addDevice(sim: Sim, user: string, displayName: string, operatingSystem = 'Windows', registeredAt = sim.iso()): Device {
  const id = newId();
  for (const name of ['registeredOwners', 'registeredUsers']) sim.shelf<Link>(name).put(linkId(id, user), { id: linkId(id, user), from: id, to: user });
  return sim.shelf<Device>('devices').put(id, { id, deviceId: newId(), displayName, operatingSystem, operatingSystemVersion: '10.0.26100', accountEnabled: true, trustType: 'Workplace', isCompliant: null, isManaged: null, registrationDateTime: registeredAt, approximateLastSignInDateTime: sim.iso(), profileType: 'RegisteredDevice' });
}
