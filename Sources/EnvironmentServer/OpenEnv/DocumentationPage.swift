import AgentCore
import EnvironmentKit
import HTTPTypes
import Hummingbird

/// `/docs`: one page without scripts and without anything from elsewhere.
enum DocumentationPage {
  static func response(_ environments: [EnvironmentDefinition]) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: "text/html; charset=utf-8",
        .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'",
      ],
      body: .init(byteBuffer: ByteBuffer(string: html(environments))))
  }

  static func html(_ environments: [EnvironmentDefinition]) -> String {
    """
    <!doctype html><html lang="en"><meta charset="utf-8"><title>agentenv</title>
    <meta name="viewport" content="width=device-width">
    <style>
    :root{color-scheme:light dark}
    body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
    table{border-collapse:collapse}td,th{text-align:left;padding:.25rem 1rem .25rem 0;vertical-align:top}
    code,pre{font-family:ui-monospace,monospace;font-size:.9em}pre{overflow:auto;padding:1rem;border:1px solid #8886}
    </style>
    <h1>agentenv</h1>
    <p>This server speaks the OpenEnv protocol. Episodes are played over the WebSocket <code>/ws</code>
    (<code>/ws?env=NAME</code> for another environment than the first).</p>
    <h2>Environments</h2>
    <table>\(environments.map(row).joined())</table>
    <h2>The session, <code>/ws</code></h2>
    <p>JSON text frames, one answer to each request, in order. An episode:</p>
    <pre>\(escaped(example))</pre>
    <h2>HTTP</h2>
    <table>\(EndpointList.all.map(row).joined())</table>
    <p>The whole description is in <a href="/openapi.json">openapi.json</a> and <a href="/schema">schema</a>.</p>
    <h2>Schemas</h2>
    <pre>\(escaped(OpenEnvSchema.json.serialized().replacing(",\"", with: ",\n\"")))</pre>
    """
  }

  private static let example = """
    → {"type":"reset","data":{"seed":7,"split":"train","index":0}}
    ← {"type":"observation","data":{"observation":{"messages":[…],"available_tools":[…],…},"reward":null,"done":false}}
    → {"type":"step","data":{"type":"call_tool","tool_name":"calculator","arguments":{"expression":"2+2"}}}
    ← {"type":"observation","data":{"observation":{"tool_name":"calculator","result":{"data":"4",…},…},"reward":0,…}}
    → {"type":"step","data":{"message":"4"}}
    ← {"type":"observation","data":{"observation":{"outcome":{"success":true,…},…},"reward":1,"done":true}}
    → {"type":"state"}
    → {"type":"close"}
    """

  private static func row(_ definition: EnvironmentDefinition) -> String {
    """
    <tr><td><code>\(escaped(definition.name))</code><td>\(escaped(definition.version))\
    <td>\(escaped(definition.description))<td>\(escaped(definition.toolSchemas.map(\.name).joined(separator: ", ")))
    """
  }

  private static func row(_ endpoint: Endpoint) -> String {
    "<tr><td>\(endpoint.method.uppercased())<td><code>\(escaped(endpoint.path))</code><td>\(escaped(endpoint.summary))\n"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
