// The two ways to the server: a socket for the match, a plain request for the level. Same origin as the page.

export const SUBPROTOCOL = "tickwire.v3";

/** Opens the socket; throws if the address is not allowed. */
export function dial(): WebSocket {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/ws`, SUBPROTOCOL);
  socket.binaryType = "arraybuffer";
  return socket;
}

export async function fetchLevel(): Promise<string> {
  const response = await fetch("/level");
  if (!response.ok) throw new Error(`/level answered ${response.status}`);
  return response.text();
}
