// What is kept in this browser alone.

/** A text by its name, null where there is none; with a value, that is kept. */
export function remembered(name, value, storage = 'localStorage') {
  try {
    if (value !== undefined) {
      globalThis[storage].setItem('rlhf4j-' + name, value);
    }
    return globalThis[storage].getItem('rlhf4j-' + name);
  } catch {
    return value ?? null; // a browser without a memory
  }
}

/** An object that was kept as JSON, empty where there is none. */
export function rememberedObject(name) {
  try {
    return JSON.parse(remembered(name)) ?? {};
  } catch {
    return {};
  }
}
