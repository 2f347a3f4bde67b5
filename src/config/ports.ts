/** Where settings that people make at run time are kept: values by path (`server.loadWait`, `models.<id>`). */
export interface OverlayStore {
  all(): Promise<Readonly<Record<string, unknown>>>
  put(path: string, value: unknown): Promise<void>
  /** False: there was none. */
  remove(path: string): Promise<boolean>
}
