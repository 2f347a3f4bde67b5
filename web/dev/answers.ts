export function json(body: unknown, code = 200, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status: code, headers })
}

export function refuse(code: number, reason: string, message: string): Response {
  return json({ error: { message, type: reason, code: reason, param: null } }, code)
}
