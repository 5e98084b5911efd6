export { Edged, type EdgedNeeds, type EdgedSettings } from './edged.ts';
export { PROVISIONER as LOCAL_STORAGE_PROVISIONER } from './local-storage/local-volume.ts';
export { LocalStorage } from './local-storage/local-storage.ts';
