/** The project's state folder, relative to its root. */
export const STATE_FOLDER = '.overstory';
export const CONFIG_FILE = `${STATE_FOLDER}/config.yaml`;
export const LOCAL_CONFIG_FILE = `${STATE_FOLDER}/config.local.yaml`;
