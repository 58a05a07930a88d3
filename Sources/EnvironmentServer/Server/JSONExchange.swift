import AgentCore
import EnvironmentKit
import HTTPTypes
import Hummingbird
import NIOCore
import SessionEngine

extension Response {
  init(json: JSONValue, status: HTTPResponse.Status = .ok) {
    self.init(
      status: status, headers: [.contentType: "application/json"],
      body: .init(byteBuffer: ByteBuffer(bytes: json.serializedBytes())))
  }

  /// An error in FastAPI's form.
  init(detail: String, status: HTTPResponse.Status) {
    self.init(json: ["detail": .string(detail)], status: status)
  }
}

extension Request {
  /// Bytes of a body.
  private static let maxBodyBytes = 4 << 20

  /// The body as a JSON object.
  func jsonObject(isOptional: Bool) async throws -> JSONObject {
    let buffer: ByteBuffer
    do {
      buffer = try await body.collect(upTo: Self.maxBodyBytes)
    } catch is NIOTooManyBytesError {
      throw HTTPError(.contentTooLarge, message: "the body is larger than \(Self.maxBodyBytes) bytes")
    }
    if isOptional && buffer.readableBytes == 0 { return [:] }
    let value: JSONValue
    do {
      value = try JSONValue(parsing: Array(buffer.readableBytesView))
    } catch {
      throw RequestProblem(type: "json_invalid", location: [], message: "\(error)", input: .null)
    }
    guard case .object(let object) = value else {
      throw RequestProblem.wrong(expected: "an object", type: "model_attributes_type", found: value)
    }
    return object
  }
}

/// Turns whatever a route throws into JSON: `{"detail":…}`, as FastAPI's clients know it.
struct JSONErrors<Context: RequestContext>: RouterMiddleware {
  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let problem as RequestProblem {
      return Response(json: ["detail": [problem.inside("body").json]], status: .unprocessableContent)
    } catch let error as HTTPError {
      var response = Response(detail: error.body ?? error.status.reasonPhrase, status: error.status)
      for field in error.headers { response.headers[field.name] = field.value }
      return response
    } catch let error as EnvironmentError {
      return Response(detail: error.description, status: .notFound)
    } catch let error as SessionError {
      return Response(detail: error.description, status: .serviceUnavailable)
    } catch let error as any HTTPResponseError {
      return Response(detail: error.status.reasonPhrase, status: error.status)
    } catch {
      context.logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
      return Response(detail: "internal error: \(error)", status: .internalServerError)
    }
  }
}
